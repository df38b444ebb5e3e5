import { createI18n } from 'vue-i18n';
import { setRequestLanguage } from '@/api/client';
import { en } from './en';
import { zh } from './zh';

export type Language = 'zh' | 'en';
const KEY = 'gridmap.language';

export const i18n = createI18n({
  legacy: false,
  locale: 'zh' as Language,
  fallbackLocale: 'zh',
  messages: { zh, en },
});

/** The language of interface and server messages from now on; remembered on this device. */
export function useLanguage(language: Language): void {
  i18n.global.locale.value = language;
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  setRequestLanguage(language);
  localStorage.setItem(KEY, language);
}

/** The language chosen on this device earlier; Chinese if none was. */
export function storedLanguage(): Language {
  return localStorage.getItem(KEY) === 'en' ? 'en' : 'zh';
}
