/** The texts of a service in the language of the interface; the server has both. */
import { i18n } from '@/i18n';
import type { Service } from '@/api/persons';

interface Named { zh: string; en: string }
const english = (): boolean => i18n.global.locale.value === 'en';

export const nameOf = (one: Named): string => (english() ? one.en : one.zh);
export const textOf = (service: Service, what: 'purpose' | 'ground' | 'consent'): string => (english() ? service[`${what}_en`] : service[`${what}_zh`]);
export const whyOf = (field: Service['fields'][number]): string => (english() ? field.why_en : field.why_zh);
