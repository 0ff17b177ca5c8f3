let context: AudioContext | undefined;

/** Plays a tone: high for a bag that is in, low and twice for one that is not. Browsers play it once the page was touched. */
export function tone(good: boolean) {
  try {
    context ??= new AudioContext();
    for (const start of good ? [0] : [0, 0.25]) {
      const [oscillator, gain] = [context.createOscillator(), context.createGain()];
      oscillator.frequency.value = good ? 880 : 220;
      gain.gain.value = 0.2;
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(context.currentTime + start);
      oscillator.stop(context.currentTime + start + 0.18);
    }
  } catch {
    // no sound here; the letters say it
  }
}
