import { ref, type Ref } from 'vue';

const KEY = 'gridmap.sound';
const on = ref(localStorage.getItem(KEY) !== 'off');
let audio: AudioContext | null = null;

/** Whether news may be heard; remembered on this device. */
export function useSound(): { on: Ref<boolean>; toggle: () => void } {
  return { on, toggle };
}

function toggle(): void {
  on.value = !on.value;
  localStorage.setItem(KEY, on.value ? 'on' : 'off');
  if (on.value) chime(false);
}

/** Browsers let a page sound only after it was touched once. */
export function readySound(): void {
  audio ??= new AudioContext();
  void audio.resume();
}

/** Two soft notes for news, three rising ones for urgent news. */
export function chime(urgent: boolean): void {
  if (!on.value || audio?.state !== 'running') return;
  const notes = urgent ? [660, 784, 988] : [587, 784];
  notes.forEach((pitch, index) => note(audio!, pitch, index * 0.14, urgent ? 0.14 : 0.07));
}

function note(context: AudioContext, pitch: number, after: number, loudness: number): void {
  const start = context.currentTime + after;
  const tone = new OscillatorNode(context, { type: 'sine', frequency: pitch });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(loudness, start + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.5);
  tone.connect(volume).connect(context.destination);
  tone.start(start);
  tone.stop(start + 0.55);
}
