/** Who is about to be moved: one role of hers, and where it holds now. */
import type { Role } from '@/api/types';

export interface Moving { person: number; name: string; grant: number; role: Role; area: string; department: number | null }
