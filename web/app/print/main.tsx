import { mount } from '../shared/page';
import { PrintPage, titleOf } from './print';

mount(titleOf(), () => <PrintPage />);
