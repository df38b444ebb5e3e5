/** The English names that the shipped catalogue gives its groups; a group not listed here keeps its own name. */
const ENGLISH: Readonly<Record<string, string>> = {
  公用设施: 'Public utilities',
  道路交通: 'Roads and traffic',
  道路交通设施: 'Roads and traffic',
  市容环境: 'City environment',
  市容环境设施: 'City environment',
  园林绿化: 'Parks and greenery',
  园林绿化设施: 'Parks and greenery',
  房屋土地: 'Buildings and land',
  其他设施: 'Other objects',
  其他部件: 'Other objects',
  宣传广告: 'Posters and advertising',
  施工管理: 'Construction',
  突发事件: 'Emergencies',
  街面秩序: 'Street order',
  其他事件: 'Other events',
};

/** The name of a group of classes in the language of the interface. */
export function majorName(name: string, language: string): string {
  return language === 'en' ? ENGLISH[name] ?? name : name;
}
