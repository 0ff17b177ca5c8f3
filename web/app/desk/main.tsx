import './desk.css';

import { mount } from '../shared/page';
import { DeskPage } from './desk';

mount(['电话台', 'Phone desk'], () => <DeskPage />);
