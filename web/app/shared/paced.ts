import { wait } from './store';

const patience = 15_000; // ms for one reading, and before one that failed is repeated

/**
 * Spaces readings out that follow changes. soon asks for a reading: it begins at once, or when the one under way has ended and apart ms have passed since that began.
 * However often it is asked, one waits at most, and the last change is always followed by a reading. read learns by latest whether its answer is still wanted.
 */
export function paced(read: (latest: () => boolean) => Promise<void>, apart: number): { soon: () => void; stop: () => void } {
  let began = -Infinity; // by performance.now
  let number = 0;
  let running = false;
  let wanted = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;

  async function run() {
    timer = undefined;
    wanted = false;
    running = true;
    began = performance.now();
    const mine = ++number;
    const late = wait(patience).then(() => Promise.reject(new Error('no answer')));
    const failed = await Promise.race([read(() => !over && mine === number), late]).then(() => false, () => true);
    running = false;
    if (failed) again(patience);
    else if (wanted) again(0);
  }
  function again(least: number) {
    if (over || running) return;
    if (least === 0) clearTimeout(timer);
    else if (timer !== undefined) return;
    timer = setTimeout(() => void run(), Math.max(least, began + apart - performance.now()));
  }
  return {
    soon() {
      wanted = true;
      again(0);
    },
    stop() {
      over = true;
      clearTimeout(timer);
    },
  };
}
