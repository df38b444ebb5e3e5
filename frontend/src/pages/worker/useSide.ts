import { onScopeDispose, ref, type Ref } from 'vue';

/** True on a screen that lies and is wide enough for a sheet beside the map. */
export function useSide(): Readonly<Ref<boolean>> {
  const query = window.matchMedia('(min-width: 900px) and (min-aspect-ratio: 1/1)');
  const side = ref(query.matches);
  const follow = (): void => { side.value = query.matches; };
  query.addEventListener('change', follow);
  onScopeDispose(() => query.removeEventListener('change', follow));
  return side;
}
