import { readonly, ref, type Ref } from 'vue';

export type Theme = 'light' | 'dark';
export type ThemeChoice = Theme | 'system';

const KEY = 'gridmap.theme';
const system = window.matchMedia('(prefers-color-scheme: dark)');
const choice = ref<ThemeChoice>(stored());
const theme = ref<Theme>(resolved());

function stored(): ThemeChoice {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : 'system';
}

function resolved(): Theme {
  if (choice.value !== 'system') return choice.value;
  return system.matches ? 'dark' : 'light';
}

function apply(): void {
  theme.value = resolved();
  document.documentElement.dataset.theme = theme.value;
}

/** Sets the theme on the page and follows the system while nothing else was chosen. */
export function installTheme(): void {
  apply();
  system.addEventListener('change', apply);
}

/** Remembers the person's choice on this device. */
export function chooseTheme(next: ThemeChoice): void {
  choice.value = next;
  localStorage.setItem(KEY, next);
  apply();
}

/** The theme that shows now, and the choice behind it. */
export function useTheme(): { theme: Readonly<Ref<Theme>>; choice: Readonly<Ref<ThemeChoice>> } {
  return { theme: readonly(theme), choice: readonly(choice) };
}
