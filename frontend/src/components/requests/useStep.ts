import { computed, ref, type ComputedRef, type Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Card, IncidentAction } from '@/api/types';
import { ActionAttempt, StaleCase, type ActionValues } from '@/stores/actions';
import { errorText, useToasts } from '@/stores/toasts';

/** What a dialog of a step gets, and what it says when it is through. */
export interface StepProps { card: Card; action: IncidentAction }
export interface StepEmits { close: []; done: [card: Card] }

interface OneStep {
  name: ComputedRef<string>;
  busy: Ref<boolean>;
  fault: Ref<string>;
  send(values: ActionValues): Promise<void>;
}

/** Sends one step with the case as it was seen when the dialog opened; a refusal is said in the dialog. */
export function useStep(props: StepProps, emit: { (name: 'close'): void; (name: 'done', card: Card): void }): OneStep {
  const { t } = useI18n();
  const toasts = useToasts();
  const attempt = new ActionAttempt(props.card, props.action.name);
  const busy = ref(false);
  const fault = ref('');
  const name = computed(() => t(`incident.action.${props.action.name}`));

  async function send(values: ActionValues): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    fault.value = '';
    try {
      const card = await attempt.send(values, { kind: 'before', list: [] });
      toasts.show(t('incident.done', { action: name.value }), 'good');
      emit('done', card);
    } catch (error) {
      if (error instanceof StaleCase) {
        toasts.show(t('incident.stale'), 'bad');
        emit('close');
      } else fault.value = errorText(error);
    } finally {
      busy.value = false;
    }
  }
  return { name, busy, fault, send };
}
