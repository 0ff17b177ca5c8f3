import './signin.css';

import { mount } from '../shared/page';
import { SignInPage } from './signin';

mount(['登录', 'Sign in'], () => <SignInPage />);
