import { check } from './zh/check';
import { common } from './zh/common';
import { counter } from './zh/counter';
import { deadline } from './zh/deadline';
import { desk } from './zh/desk';
import { field } from './zh/field';
import { handle } from './zh/handle';
import { hooks } from './zh/hooks';
import { incident } from './zh/incident';
import { login } from './zh/login';
import { procedure } from './zh/procedure';
import { queue } from './zh/queue';
import { requests } from './zh/requests';
import { resident } from './zh/resident';
import { routing } from './zh/routing';
import { street } from './zh/street';
import { worker } from './zh/worker';

export const zh = { check, common, counter, deadline, desk, field, handle, hooks, incident, login, procedure, queue, requests, resident, routing, street, worker };
