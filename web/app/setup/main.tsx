import { mount } from '../shared/page';
import { SetupPage } from './setup';

mount(['小区设置', 'Set-up'], () => <SetupPage />);
