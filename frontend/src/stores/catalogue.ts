import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { fetchAreas, fetchCatalogue, fetchDepartments } from '@/api/endpoints';
import type { Area, Department, IncidentClass } from '@/api/types';
import { i18n } from '@/i18n';

/** What changes rarely: classes, departments and areas; loaded once a page. */
export const useCatalogue = defineStore('catalogue', () => {
  const classes = shallowRef<IncidentClass[]>([]);
  const quickKeys = shallowRef<string[]>([]);
  const departments = shallowRef<Department[]>([]);
  const areas = shallowRef<Area[]>([]);
  let loading: Promise<void> | null = null;

  const byKey = computed(() => new Map(classes.value.map((one) => [one.key, one])));
  const byDepartment = computed(() => new Map(departments.value.map((one) => [one.id, one])));
  const byArea = computed(() => new Map(areas.value.map((area) => [area.code, area])));
  /** The ten most used classes, most used first. */
  const quick = computed(() => quickKeys.value.flatMap((key) => byKey.value.get(key) ?? []));

  async function read(): Promise<void> {
    const [catalogue, offices, tree] = await Promise.all([fetchCatalogue(), fetchDepartments(), fetchAreas()]);
    classes.value = catalogue.classes;
    quickKeys.value = catalogue.quick;
    departments.value = offices;
    areas.value = tree;
  }

  /** Loads everything once; a failed load may be tried again. */
  function load(): Promise<void> {
    loading ??= read().catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  }

  return { classes, departments, areas, byKey, byArea, byDepartment, quick, load };
});

/** The name of a thing in the language of the interface. */
export function named(thing: { name: string; name_en: string }): string {
  return i18n.global.locale.value === 'en' && thing.name_en ? thing.name_en : thing.name;
}

/** The title of a card in the language of the interface. */
export function titled(card: { title: string; title_en: string; stage_name?: string | null; stage_name_en?: string | null }): string {
  const title = named({ name: card.title, name_en: card.title_en });
  return card.stage_name ? `${title} · ${named({ name: card.stage_name, name_en: card.stage_name_en ?? '' })}` : title;
}

/** The name of a card's cell (or wider area) in the language of the interface. */
export function placed(card: { area: string; area_name: string }): string {
  const area = useCatalogue().byArea.get(card.area);
  return area ? named(area) : card.area_name;
}

/** The name of a card's department in the language of the interface; null before it was assigned. */
export function departmentOf(card: { department: number | null; department_name: string | null }): string | null {
  const department = card.department === null ? undefined : useCatalogue().byDepartment.get(card.department);
  return department ? named(department) : card.department_name;
}
