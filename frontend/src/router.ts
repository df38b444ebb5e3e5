import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteLocationRaw } from 'vue-router';
import type { Role } from './api/types';
import { startFailure } from './startFailure';
import { useSession } from './stores/session';

declare module 'vue-router' {
  interface RouteMeta {
    /** Open without signing in. */
    open?: boolean;
    /** For residents: nobody signs in, so nobody is asked for. */
    resident?: boolean;
    /** Who may see the page; everyone signed in if absent. */
    roles?: Role[];
    /** The right that the page needs besides; without it there is no such page here. */
    needs?: string;
    /** Stands for every address that is no page of this application. */
    missing?: boolean;
  }
}

/** Who may see figures ("statistics.view"). */
const COUNTING: Role[] = ['acceptor', 'dispatcher', 'handler', 'director', 'community', 'planner', 'auditor'];

export const router = createRouter({
  history: createWebHistory('/'),
  routes: [
    { path: '/', component: () => import('./pages/HomePage.vue') },
    { path: '/login', component: () => import('./pages/login/LoginPage.vue'), meta: { open: true } },
    { path: '/worker', component: () => import('./pages/worker/WorkerPage.vue'), meta: { roles: ['worker'] } },
    {
      path: '/street',
      component: () => import('./pages/street/StreetPage.vue'),
      meta: { roles: ['acceptor', 'dispatcher', 'director', 'community', 'auditor'] },
    },
    { path: '/handle', component: () => import('./pages/handle/HandlePage.vue'), meta: { roles: ['handler'] } },
    {
      path: '/counter',
      component: () => import('./pages/counter/CounterPage.vue'),
      meta: { roles: ['acceptor', 'community', 'director', 'dispatcher', 'handler'] },
    },
    {
      path: '/admin-procedures',
      component: () => import('./pages/procedures/ProceduresPage.vue'),
      meta: { roles: ['administrator', 'director'] },
    },
    { path: '/statistics', component: () => import('./pages/statistics/StatisticsPage.vue'), meta: { roles: COUNTING } },
    { path: '/brief', component: () => import('./pages/statistics/BriefPage.vue'), meta: { roles: COUNTING } },
    { path: '/check', component: () => import('./pages/CheckPage.vue'), meta: { open: true, resident: true } },
    {
      path: '/gate',
      component: () => import('./pages/gate/GatePage.vue'),
      meta: { roles: ['community', 'worker', 'acceptor', 'dispatcher', 'handler', 'director', 'auditor', 'administrator'] },
    },
    { path: '/plan', component: () => import('./pages/plan/PlanPage.vue'), meta: { roles: ['planner', 'administrator'] } },
    { path: '/plan/communities', component: () => import('./pages/plan/CommunitiesPage.vue'), meta: { roles: ['planner', 'administrator'] } },
    { path: '/people', component: () => import('./pages/people/PeoplePage.vue'), meta: { roles: ['worker', 'community'], needs: 'person.view' } },
    { path: '/looks', component: () => import('./pages/people/LooksPage.vue'), meta: { roles: ['community', 'director', 'auditor'], needs: 'looks.view' } },
    { path: '/admin-hooks', component: () => import('./pages/admin/HooksPage.vue'), meta: { roles: ['administrator'] } },
    { path: '/admin-routing', component: () => import('./pages/admin/RoutingPage.vue'), meta: { roles: ['administrator', 'director'] } },
    { path: '/admin-departments', component: () => import('./pages/admin/DepartmentsPage.vue'), meta: { roles: ['administrator'] } },
    { path: '/forms', component: () => import('./pages/forms/FormsPage.vue'), meta: { roles: ['director', 'community', 'planner'] } },
    { path: '/cell/:code?', component: () => import('./pages/cell/CellPage.vue') },
    {
      path: '/register',
      component: () => import('./pages/register/RegisterPage.vue'),
      meta: { roles: ['worker', 'acceptor', 'dispatcher', 'director', 'community', 'auditor', 'administrator'] },
    },
    { path: '/import/:id?', component: () => import('./pages/intake/ImportPage.vue'), meta: { roles: ['community', 'administrator'] } },
    { path: '/sheet/:code?', component: () => import('./pages/sheet/SheetPage.vue') },
    { path: '/r/:code', component: () => import('./pages/resident/ReportPage.vue'), meta: { open: true, resident: true } },
    { path: '/guide', component: () => import('./pages/resident/GuideList.vue'), meta: { open: true, resident: true } },
    { path: '/guide/:kind', component: () => import('./pages/resident/GuideRead.vue'), meta: { open: true, resident: true } },
    { path: '/guide/:kind/book', component: () => import('./pages/resident/BookPage.vue'), meta: { open: true, resident: true } },
    { path: '/q', component: () => import('./pages/resident/LookupPage.vue'), meta: { open: true, resident: true } },
    { path: '/forbidden', component: () => import('./pages/ForbiddenPage.vue') },
    { path: '/:rest(.*)*', name: 'missing', component: () => import('./pages/MissingPage.vue'), meta: { open: true, missing: true } },
  ],
});

router.beforeEach(async (to) => {
  if (to.meta.resident) return true;
  const session = useSession();
  try {
    const known = session.me !== null || await session.load();
    startFailure.value = null;
    return known ? whenSignedIn(to) : whenSignedOut(to);
  } catch (error) {
    // Nothing can be decided while the server does not answer: App says so and offers to try again.
    startFailure.value = error;
    return true;
  }
});

/** Some homes, such as the administration, are pages of the server and not of this application. */
function isOurs(path: string): boolean {
  return !router.resolve(path).meta.missing;
}

function leaveFor(path: string): false {
  location.assign(path);
  return false;
}

function whenSignedOut(to: RouteLocationNormalized): RouteLocationRaw | true {
  if (to.meta.open) return true;
  return { path: '/login', query: to.path === '/' ? {} : { next: to.fullPath } };
}

function whenSignedIn(to: RouteLocationNormalized): RouteLocationRaw | boolean {
  const session = useSession();
  const home = session.me?.home ?? '/';
  if (to.path === '/login' || (to.path === '/' && home !== '/')) return isOurs(home) ? home : leaveFor(home);
  const turnedOff = to.meta.needs && !session.can.has(to.meta.needs) && to.meta.roles?.some(session.hasRole);
  if (turnedOff) return { name: 'missing', params: { rest: to.path.slice(1).split('/') } };
  if (to.meta.roles && !to.meta.roles.some(session.hasRole)) return { path: '/forbidden', query: { at: to.path } };
  return true;
}
