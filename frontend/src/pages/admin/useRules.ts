import { computed, ref, shallowRef, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import { ApiError } from '@/api/client';
import * as api from '@/api/routing';
import type { RoutingOverview, RuleDraft, RuleSet, RuleSetHead } from '@/api/routing';
import { errorText, useToasts } from '@/stores/toasts';

/** The versions of the rules of one district, the one that is open, and what can be done with it. */
export function useRules() {
  const { t } = useI18n();
  const toasts = useToasts();
  const overview = shallowRef<RoutingOverview | null>(null);
  const set = shallowRef<RuleSet | null>(null);
  const error = ref<unknown>(null);
  const district = ref('');
  const busy = ref(false);
  const fault = ref('');

  const versions = computed(() => overview.value?.sets.filter((one) => one.area === district.value) ?? []);
  const draft = computed(() => versions.value.find((one) => one.state === 'draft'));
  const inForce = computed(() => versions.value.find((one) => one.state === 'in_force'));
  const here = computed(() => overview.value?.districts.find((one) => one.code === district.value));

  async function open(id: string): Promise<void> {
    try {
      set.value = await api.fetchRuleSet(id);
      error.value = null;
    } catch (failure) {
      error.value = failure;
    }
  }

  /** Reads the versions and opens the wanted one, else the one in force, else the draft. */
  async function load(wanted?: string): Promise<void> {
    try {
      overview.value = await api.fetchRoutingOverview();
      error.value = null;
    } catch (failure) {
      error.value = failure;
      return;
    }
    const known = overview.value.sets.find((one) => one.id === wanted);
    district.value = known?.area ?? (district.value || overview.value.districts[0]?.code || '');
    const shown: RuleSetHead | undefined = known ?? inForce.value ?? draft.value ?? versions.value[0];
    if (shown) await open(shown.id);
    else set.value = null;
  }

  /** Does one change and shows the version after it; false if it was refused, and `fault` says why. */
  async function change(work: () => Promise<{ id: string }>, done: string): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    fault.value = '';
    try {
      const { id } = await work();
      await load(id);
      toasts.show(t(done), 'good');
      return true;
    } catch (failure) {
      fault.value = errorText(failure);
      if (failure instanceof ApiError && failure.code === 'stale_rules' && set.value) await open(set.value.id);
      return false;
    } finally {
      busy.value = false;
    }
  }

  const start = (): Promise<boolean> => change(() => api.startDraft(district.value), 'routing.started');
  const save = (rules: RuleDraft[]): Promise<boolean> => change(() => api.replaceRules(set.value!, rules), 'routing.saved');
  const enforce = (reason: string): Promise<boolean> => change(() => api.putInForce(set.value!, reason), 'routing.enforced');
  const discard = (): Promise<boolean> => change(async () => {
    const { id } = await api.discardDraft(set.value!);
    return { id: inForce.value?.id ?? id };
  }, 'routing.discarded');

  watch(district, (code, before) => { if (before && set.value?.area !== code) void load(); });
  return { overview, set, error, district, busy, fault, versions, draft, inForce, here, load, open, start, save, enforce, discard };
}
