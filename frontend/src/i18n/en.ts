import { common } from './en/common';
import { counter } from './en/counter';
import { desk } from './en/desk';
import { field } from './en/field';
import { handle } from './en/handle';
import { incident } from './en/incident';
import { login } from './en/login';
import { procedure } from './en/procedure';
import { queue } from './en/queue';
import { street } from './en/street';
import { worker } from './en/worker';

export const en = { common, counter, desk, field, handle, incident, login, procedure, queue, street, worker };
