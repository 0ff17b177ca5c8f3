import './my.css';

import { beginOffline } from '../shared/offline';
import { mount } from '../shared/page';
import { MyPage } from './my';

mount(['我的订单', 'My orders'], () => <MyPage />);
beginOffline('residents');
