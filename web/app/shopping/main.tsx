import { mount } from '../shared/page';
import { ShoppingPage } from './shopping';

mount(['购物清单', 'Shopping list'], () => <ShoppingPage />);
