import { onBeforeUnmount, onMounted } from 'vue';

/** Single keys while nothing is being typed and no dialog is open. */
export function useKeys(keys: Record<string, () => void>): void {
  function pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target as HTMLElement;
    if (target.closest('input:not([type="checkbox"]), textarea, select, [contenteditable], dialog') || document.querySelector('dialog[open]')) return;
    // A button that has the focus is what Enter means.
    if (event.key === 'Enter' && target.closest('button, a, summary, input')) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  onMounted(() => document.addEventListener('keydown', pressed));
  onBeforeUnmount(() => document.removeEventListener('keydown', pressed));
}
