import { common } from './en/common';
import { field } from './en/field';
import { handle } from './en/handle';
import { incident } from './en/incident';
import { login } from './en/login';
import { queue } from './en/queue';
import { same } from './en/same';
import { street } from './en/street';
import { worker } from './en/worker';

export const en = { common, field, handle, incident, login, queue, same, street, worker };
