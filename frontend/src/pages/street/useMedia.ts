import { onScopeDispose, readonly, ref, type Ref } from 'vue';

/** Whether a media query holds, now and after every change. */
export function useMedia(query: string): Readonly<Ref<boolean>> {
  const list = window.matchMedia(query);
  const holds = ref(list.matches);
  const change = (): void => { holds.value = list.matches; };
  list.addEventListener('change', change);
  onScopeDispose(() => list.removeEventListener('change', change));
  return readonly(holds);
}
