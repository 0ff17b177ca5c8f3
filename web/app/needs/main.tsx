import { mount } from '../shared/page';
import { NeedsPage } from './needs';

mount(['需求', 'Needs'], () => <NeedsPage />);
