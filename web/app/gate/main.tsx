import './gate.css';

import { beginOffline } from '../shared/offline';
import { mount } from '../shared/page';
import { GatePage } from './gate';

mount(['门口收货', 'Gate desk'], () => <GatePage />);
beginOffline();
