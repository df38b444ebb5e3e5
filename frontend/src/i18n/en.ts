import { booking } from './en/booking';
import { check } from './en/check';
import { common } from './en/common';
import { counter } from './en/counter';
import { deadline } from './en/deadline';
import { departments } from './en/departments';
import { desk } from './en/desk';
import { field } from './en/field';
import { forms } from './en/forms';
import { gate } from './en/gate';
import { guide } from './en/guide';
import { handle } from './en/handle';
import { hooks } from './en/hooks';
import { incident } from './en/incident';
import { intake } from './en/intake';
import { login } from './en/login';
import { looks, people } from './en/people';
import { plan } from './en/plan';
import { procedure } from './en/procedure';
import { queue } from './en/queue';
import { register } from './en/register';
import { requests } from './en/requests';
import { resident } from './en/resident';
import { routing } from './en/routing';
import { same } from './en/same';
import { sizes } from './en/sizes';
import { statistics } from './en/statistics';
import { street } from './en/street';
import { worker } from './en/worker';

export const en = {
  booking, check, common, counter, deadline, departments, desk, field, forms, gate, guide, handle, hooks, incident, intake, login, looks,
  people, plan, procedure, queue, register, requests, resident,
  routing, same, sizes, statistics, street, worker,
};
