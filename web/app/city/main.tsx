import './city.css';

import { mount } from '../shared/page';
import { CityPage } from './city';

mount(['全市', 'City'], () => <CityPage />);
