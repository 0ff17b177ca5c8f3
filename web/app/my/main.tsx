import './my.css';

import { mount } from '../shared/page';
import { MyPage } from './my';

mount(['我的订单', 'My orders'], () => <MyPage />);
