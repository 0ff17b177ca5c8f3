import { mount } from '../shared/page';
import { RehearsalPage } from './rehearsal';

mount(['流程模拟', 'Rehearsal'], () => <RehearsalPage />);
