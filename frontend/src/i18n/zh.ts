import { common } from './zh/common';
import { field } from './zh/field';
import { handle } from './zh/handle';
import { incident } from './zh/incident';
import { login } from './zh/login';
import { queue } from './zh/queue';
import { same } from './zh/same';
import { street } from './zh/street';
import { worker } from './zh/worker';

export const zh = { common, field, handle, incident, login, queue, same, street, worker };
