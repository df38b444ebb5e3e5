import { readonly, ref, type Ref } from 'vue';

const STEP = 15_000;
const now = ref(Date.now());
let ticking: ReturnType<typeof setInterval> | undefined;

/** The time in ms, moving on every quarter of a minute: enough for words such as "5 minutes ago". */
export function useNow(): Readonly<Ref<number>> {
  ticking ??= setInterval(() => { now.value = Date.now(); }, STEP);
  return readonly(now);
}
