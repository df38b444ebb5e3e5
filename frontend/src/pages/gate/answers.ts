import type { FieldDraft, FormRow } from '@/api/gate';

/** Whether somebody has to type this field: it is neither on record nor answered in another form. */
export function asked(row: Pick<FormRow, 'source'>): boolean {
  return row.source === 'asked' || row.source === 'own';
}

/** What is sent: typed answers alone, numbers as numbers; what stays as it was answered elsewhere is left out. */
export function sending(
  rows: readonly Pick<FormRow, 'key' | 'source' | 'type' | 'figure'>[], typed: Record<string, string>, changing: ReadonlySet<string>,
): Record<string, string | number> {
  const sent: Record<string, string | number> = {};
  for (const row of rows) {
    const text = String(typed[row.key] ?? '').trim();
    if (row.figure || text === '' || !(asked(row) || changing.has(row.key))) continue;
    sent[row.key] = row.type === 'number' ? Number(text) : text;
  }
  return sent;
}

/** The choices in one line of text, divided by any of the marks people put between. */
export function choicesOf(text: string): string[] {
  return [...new Set(text.split(/[、,，;；\n]/).map((one) => one.trim()).filter(Boolean))];
}

export function question(label: string, type: FieldDraft['type'], choices: string): FieldDraft {
  return { figure: '', class_key: '', department: null, label: label.trim(), type, choices: type === 'choice' ? choicesOf(choices) : [] };
}

/** A figure of the records, of all cases or of one class or one department only. */
export function figure(name: string, class_key = '', department: number | null = null): FieldDraft {
  return { figure: name, class_key, department, label: '', type: 'number', choices: [] };
}
