import type { StateGroup } from '@/model/incident';
import type { Theme } from '@/theme';

/** The colours of the map; the state colours are those of tokens.css, which a canvas cannot read before it is styled. */
export interface Palette {
  ground: string;
  water: string;
  waterText: string;
  green: string;
  greenText: string;
  compound: string;
  compoundText: string;
  building: string;
  buildingLine: string;
  road: string;
  roadMajor: string;
  roadCasing: string;
  path: string;
  text: string;
  textStrong: string;
  halo: string;
  cellLine: string;
  communityLine: string;
  lit: string;
  cluster: string;
  clusterText: string;
  clusterEdge: string;
  overdue: string;
  symbolEdge: string;
  worker: string;
  workerFace: string;
  state: Record<StateGroup, string>;
}

const light: Palette = {
  ground: '#f5f5f2',
  water: '#cfe1ee',
  waterText: '#55809f',
  green: '#e0ebd9',
  greenText: '#5f7f56',
  compound: '#efebe4',
  compoundText: '#8a7a66',
  building: '#e3dfd8',
  buildingLine: '#d5d0c7',
  road: '#ffffff',
  roadMajor: '#fbf0d9',
  roadCasing: '#dad7d0',
  path: '#dcd8d0',
  text: '#66707a',
  textStrong: '#43505c',
  halo: '#ffffff',
  cellLine: '#8a99ae',
  communityLine: '#6b7d99',
  lit: '#1f5fbf',
  cluster: '#ffffff',
  clusterText: '#2c3c4e',
  clusterEdge: '#5d6f8c',
  overdue: '#d11f2f',
  symbolEdge: '#ffffff',
  worker: '#16324f',
  workerFace: '#ffffff',
  state: { new: '#1f6fd6', assigned: '#7a4bc4', work: '#b26a00', verify: '#0b7f79', still: '#8a5340', closed: '#6b7681' },
};

const dark: Palette = {
  ground: '#141a20',
  water: '#1b3040',
  waterText: '#6f97b3',
  green: '#18281f',
  greenText: '#6f9075',
  compound: '#1b2127',
  compoundText: '#877d70',
  building: '#232b33',
  buildingLine: '#2c353e',
  road: '#303a45',
  roadMajor: '#3c4247',
  roadCasing: '#10151a',
  path: '#27303a',
  text: '#8a97a3',
  textStrong: '#b3c0cb',
  halo: '#12181d',
  cellLine: '#46566a',
  communityLine: '#566a84',
  lit: '#7db0ff',
  cluster: '#1d2731',
  clusterText: '#dbe5ee',
  clusterEdge: '#8fa2b8',
  overdue: '#ff5a62',
  symbolEdge: '#10161c',
  worker: '#e8edf2',
  workerFace: '#16324f',
  state: { new: '#6aa8ff', assigned: '#b894f5', work: '#f0a93a', verify: '#3fc4bb', still: '#d9a08c', closed: '#93a0ad' },
};

export const palettes: Record<Theme, Palette> = { light, dark };
