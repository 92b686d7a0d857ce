import { Button } from './Button';

/** The last row of a form in a dialog: what sends it, and Cancel. */
export function FormButtons({ send, disabled, close }: { send: string; disabled: boolean; close: () => void }) {
  return (
    <div className="row">
      <Button kind="primary" type="submit" disabled={disabled}>
        {send}
      </Button>
      <Button onClick={close}>Cancel</Button>
    </div>
  );
}
