/** English names for the groups of the catalogue, which has them in Chinese only; a group not listed here keeps its own name. */
const ENGLISH: Readonly<Record<string, string>> = {
  公用设施: 'Public utilities',
  道路交通设施: 'Roads and traffic',
  市容环境设施: 'Cleaning facilities',
  园林绿化设施: 'Parks and greenery',
  其他部件: 'Other objects',
  市容环境: 'Cleanliness',
  宣传广告: 'Notices and advertising',
  施工管理: 'Building works',
  突发事件: 'Sudden incidents',
  街面秩序: 'Order in the street',
  其他事件: 'Other events',
};

/** The name of a group of classes in the language of the interface. */
export function majorName(name: string, language: string): string {
  return language === 'en' ? ENGLISH[name] ?? name : name;
}
