import { notifications } from '@mantine/notifications';
import { useText } from '#/i18n/text';
import { useFailureText } from './failure';
import { kitText } from './text';

/** Says what happened. A failure stays until it is closed. */
export function useToast() {
  const t = useText(kitText);
  const failure = useFailureText();
  const close = { 'aria-label': t.close };
  return {
    done: (message: string) =>
      notifications.show({ message, color: 'teal', autoClose: 4000, role: 'status', closeButtonProps: close }),
    failed: (error: unknown) =>
      notifications.show({
        message: failure(error),
        color: 'red',
        autoClose: false,
        role: 'alert',
        closeButtonProps: close,
      }),
  };
}
