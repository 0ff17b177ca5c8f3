import './cart.css';

import { beginOffline } from '../shared/offline';
import { mount } from '../shared/page';
import { CartPage } from './cart';

mount(['运输', 'Cart'], () => <CartPage />);
beginOffline();
