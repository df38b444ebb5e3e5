import { useI18n } from 'vue-i18n';
import type { OutboxItem } from '@/api/outbox';
import { named, useCatalogue } from '@/stores/catalogue';
import { useOutbox } from '@/stores/outbox';

export interface QueueWords {
  /** What a person did, e.g. "上报 · 暴露生活垃圾". */
  what(item: OutboxItem): string;
  /** How it stands with it. */
  how(item: OutboxItem): string;
}

/** The queue in words. */
export function useQueueWords(): QueueWords {
  const { t } = useI18n();
  const catalogue = useCatalogue();
  const outbox = useOutbox();

  function deed(item: OutboxItem): string {
    for (const step of item.steps) {
      if (step.kind === 'report') return t(step.body.self_handled ? 'queue.selfHandled' : 'queue.report');
      if (step.kind === 'record') return `${t(`register.did.${step.verb}`)} · ${step.title}`;
      if (step.kind === 'action') return t(`incident.action.${step.action}`);
    }
    return t('incident.photos');
  }

  function what(item: OutboxItem): string {
    const klass = catalogue.byKey.get(item.class_key);
    return klass ? `${deed(item)} · ${named(klass)}` : deed(item);
  }

  function how(item: OutboxItem): string {
    if (item.state === 'refused') return t('queue.itemRefused');
    const state = t(outbox.sending === item.id ? 'queue.itemSending' : 'queue.itemWaiting');
    const onlyPhotos = item.steps.every((step) => step.kind === 'photo');
    return onlyPhotos ? `${state} · ${t('queue.partPhotos', { n: item.steps.length })}` : state;
  }

  return { what, how };
}
