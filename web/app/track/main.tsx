import '../shared/style.css';
import './track.css';

import { effect } from '@preact/signals';
import { render } from 'preact';

import { said } from '../shared/language';
import { TrackPage } from './track';

// This page is for a relative's phone: it loads neither the sign-in nor the client of the API.
effect(() => {
  document.title = `${said(['订单进度', 'Order progress'])} · 保供 Baogong`;
});
render(<TrackPage />, document.getElementById('app')!);
