import { Frame, SignedIn } from '../shared/page';
import { me } from '../shared/viewer';

export function MyPage() {
  return (
    <Frame title={['我的订单', 'My orders']} class="narrow large">
      <SignedIn may={(role) => role === 'RESIDENT'}>
        <p>{me.value?.household?.address}</p>
      </SignedIn>
    </Frame>
  );
}
