import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Link, type LinkProps } from 'react-router';

type Kind = 'primary' | 'danger' | 'plain';
interface Look {
  kind?: Kind;
  small?: boolean;
  children: ReactNode;
}

const look = ({ kind, small }: Look): string => ['button', kind, small ? 'small' : ''].filter(Boolean).join(' ');

export function Button({ kind, small, children, ...rest }: Look & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" className={look({ kind, small, children })} {...rest}>
      {children}
    </button>
  );
}

/** A link styled as a button: it navigates and changes nothing. */
export function ButtonLink({ kind, small, children, ...rest }: Look & LinkProps) {
  return (
    <Link className={look({ kind, small, children })} {...rest}>
      {children}
    </Link>
  );
}
