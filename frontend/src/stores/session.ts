import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { ApiError, onUnauthorized } from '@/api/client';
import * as api from '@/api/endpoints';
import type { Me, Role } from '@/api/types';
import { storedLanguage, useLanguage, type Language } from '@/i18n';

/** Who is signed in, what they may do, and the sign-in that comes up over the page when the session has ended. */
export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null);
  const expired = ref(false);
  let waiting: { done: Promise<void>; release: () => void } | null = null;

  const can = computed(() => new Set(me.value?.actions ?? []));
  const hasRole = (role: Role): boolean => me.value?.roles.includes(role) ?? false;

  function enter(next: Me): void {
    if (me.value && me.value.id !== next.id) {
      location.assign(next.home);
      return;
    }
    me.value = next;
    useLanguage(next.language);
    expired.value = false;
    waiting?.release();
    waiting = null;
  }

  /** Reads who is signed in; false if nobody is. Throws ApiError for anything but a 401. */
  async function load(): Promise<boolean> {
    try {
      enter(await api.fetchMe());
      return true;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      return false;
    }
  }

  async function login(username: string, password: string): Promise<Me> {
    const next = await api.login(username, password);
    enter(next);
    return next;
  }

  async function logout(): Promise<void> {
    await api.logout();
    location.assign('/login');
  }

  /** Changes the interface at once and tells the server; a failure there is no reason to change back. */
  async function speak(language: Language): Promise<void> {
    useLanguage(language);
    if (!me.value) return;
    me.value.language = language;
    await api.setLanguage(language).catch(() => undefined);
  }

  function signInAgain(): Promise<void> {
    if (!waiting) {
      let release = (): void => undefined;
      const done = new Promise<void>((resolve) => { release = resolve; });
      waiting = { done, release };
      expired.value = true;
    }
    return waiting.done;
  }

  useLanguage(storedLanguage());
  onUnauthorized(signInAgain);
  return { me, expired, can, hasRole, load, login, logout, speak };
});
