import { shallowRef } from 'vue';

/** Why the first question to the server failed; null once it was answered. */
export const startFailure = shallowRef<unknown>(null);
