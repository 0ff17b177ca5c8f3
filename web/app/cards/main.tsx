import { mount } from '../shared/page';
import { CardsPage } from './cards';

mount(['住户卡', 'Household cards'], () => <CardsPage />);
