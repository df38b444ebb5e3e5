import { common } from './en/common';
import { counter } from './en/counter';
import { field } from './en/field';
import { handle } from './en/handle';
import { incident } from './en/incident';
import { login } from './en/login';
import { procedure } from './en/procedure';
import { queue } from './en/queue';
import { statistics } from './en/statistics';
import { street } from './en/street';
import { worker } from './en/worker';

export const en = { common, counter, field, handle, incident, login, procedure, queue, statistics, street, worker };
