import { booking } from './zh/booking';
import { check } from './zh/check';
import { common } from './zh/common';
import { counter } from './zh/counter';
import { deadline } from './zh/deadline';
import { departments } from './zh/departments';
import { desk } from './zh/desk';
import { field } from './zh/field';
import { forms } from './zh/forms';
import { gate } from './zh/gate';
import { guide } from './zh/guide';
import { handle } from './zh/handle';
import { hooks } from './zh/hooks';
import { incident } from './zh/incident';
import { intake } from './zh/intake';
import { login } from './zh/login';
import { looks, people } from './zh/people';
import { plan } from './zh/plan';
import { procedure } from './zh/procedure';
import { queue } from './zh/queue';
import { register } from './zh/register';
import { requests } from './zh/requests';
import { resident } from './zh/resident';
import { routing } from './zh/routing';
import { same } from './zh/same';
import { sizes } from './zh/sizes';
import { statistics } from './zh/statistics';
import { street } from './zh/street';
import { worker } from './zh/worker';

export const zh = {
  booking, check, common, counter, deadline, departments, desk, field, forms, gate, guide, handle, hooks, incident, intake, login, looks,
  people, plan, procedure, queue, register, requests, resident,
  routing, same, sizes, statistics, street, worker,
};
