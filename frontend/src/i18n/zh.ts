import { common } from './zh/common';
import { counter } from './zh/counter';
import { field } from './zh/field';
import { handle } from './zh/handle';
import { incident } from './zh/incident';
import { login } from './zh/login';
import { procedure } from './zh/procedure';
import { queue } from './zh/queue';
import { statistics } from './zh/statistics';
import { street } from './zh/street';
import { worker } from './zh/worker';

export const zh = { common, counter, field, handle, incident, login, procedure, queue, statistics, street, worker };
