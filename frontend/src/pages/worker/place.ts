import { computed, type ComputedRef } from 'vue';
import type { Kind } from '@/api/register';
import { useRoute, useRouter } from 'vue-router';

export const TABS = ['map', 'tasks', 'cells', 'mine'] as const;
export type Tab = (typeof TABS)[number];

/** What the page shows; it stands in the address, so that the tablet's own Back closes a sheet instead of the page. */
export interface WorkerPlace {
  tab: ComputedRef<Tab>;
  /** The open case. */
  openId: ComputedRef<string | null>;
  /** The open record of the register. */
  record: ComputedRef<{ kind: Kind; id: string } | null>;
  reporting: ComputedRef<boolean>;
  queue: ComputedRef<boolean>;
  show(tab: Tab): void;
  open(id: string): void;
  openRecord(kind: Kind, id: string): void;
  report(): void;
  showQueue(): void;
  /** Closes what lies on top: the report, the queue or the case, then the tab's own sheet. */
  close(): void;
}

export function useWorkerPlace(): WorkerPlace {
  const route = useRoute();
  const router = useRouter();
  const tab = computed<Tab>(() => TABS.find((one) => one === route.query.tab) ?? 'map');
  const openId = computed(() => (typeof route.query.case === 'string' ? route.query.case : null));
  const record = computed(() => {
    const [kind, id] = typeof route.query.record === 'string' ? route.query.record.split(':') : [];
    return kind && id ? { kind: kind as Kind, id } : null;
  });
  const reporting = computed(() => route.query.show === 'report');
  const queue = computed(() => route.query.show === 'queue');

  function go(next: { tab?: Tab; case?: string; record?: string; show?: string }, replace = false): void {
    const query = { ...next, tab: next.tab === 'map' ? undefined : next.tab };
    void (replace ? router.replace({ query }) : router.push({ query }));
  }

  const here = (): { tab: Tab; case?: string } => ({ tab: tab.value, ...(openId.value ? { case: openId.value } : {}) });

  function close(): void {
    if (route.query.show) go(here(), true);
    else go({ tab: openId.value || record.value ? tab.value : 'map' }, true);
  }

  return {
    tab, openId, record, reporting, queue, close,
    show: (next) => go({ tab: next }),
    open: (id) => go({ tab: tab.value, case: id }),
    openRecord: (kind, id) => go({ tab: tab.value, record: `${kind}:${id}` }),
    report: () => go({ ...here(), show: 'report' }),
    showQueue: () => go({ ...here(), show: 'queue' }),
  };
}
