import './supplier.css';

import { mount } from '../shared/page';
import { SupplierPage } from './supplier';

mount(['供货', 'Supply'], () => <SupplierPage />);
