import { signal } from '@preact/signals';

/** How many acts of this page wait to be sent. The outbox counts them. */
export const waiting = signal(0);
