import './round.css';

import { beginOffline } from '../shared/offline';
import { mount } from '../shared/page';
import { RoundPage } from './round';

mount(['上楼投递', 'My round'], () => <RoundPage />);
beginOffline();
