import { useEffect, useRef } from 'preact/hooks';

import { language } from './language';
import { part } from './part';
import type { Picture, Plot } from './plot';

/** A picture, whose library is loaded when there is something to draw. What it shows must also stand beside it in words or numbers. */
export function Drawing({ of }: { of: Picture }) {
  const place = useRef<HTMLDivElement>(null);
  const names = `${language.value}`;
  useEffect(() => {
    let over = false;
    let drawn: Plot | undefined;
    void part(() => import('./plot')).then(({ plot }) => {
      if (!over && place.current) drawn = plot(place.current, of);
    }).catch(() => {}); // without the picture there are the numbers
    return () => {
      over = true;
      drawn?.destroy();
    };
  }, [of, names]);
  return <div class="chart" ref={place} aria-hidden />;
}
