;; A connector whose functions misbehave in each of the ways the host guards against.
(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $outer))
    (export "pollable" (type $pollable (eq $outer)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core module $m
    (import "host" "block" (func $block (param i32)))
    (import "host" "subscribe" (func $subscribe (param i64) (result i32)))
    (memory (export "mem") 1)
    (global $calls (mut i32) (i32.const 0))
    (func $trap (export "trap") unreachable)
    (func $spin (export "spin") (loop (br 0)))
    (func (export "wait") (call $block (call $subscribe (i64.const 9000000000000000000))))
    (func (export "hoard") (loop (drop (call $subscribe (i64.const 9000000000000000000))) (br 0)))
    (func (export "grow")
      (loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
      unreachable)
    (func (export "try-grow") (result i32) (memory.grow (i32.const 8192)))
    (func (export "count") (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (global.get $calls))
    ;; at the start
  )
  (core instance $i (instantiate $m (with "host" (instance
    (export "block" (func $block))
    (export "subscribe" (func $subscribe))))))
  (func $trap (canon lift (core func $i "trap")))
  (func $spin (canon lift (core func $i "spin")))
  (func $wait (canon lift (core func $i "wait")))
  (func $hoard (canon lift (core func $i "hoard")))
  (func $grow (canon lift (core func $i "grow")))
  (func $try-grow (result s32) (canon lift (core func $i "try-grow")))
  (func $count (result u32) (canon lift (core func $i "count")))
  (instance $tests
    (export "trap" (func $trap)) (export "spin" (func $spin)) (export "wait" (func $wait))
    (export "hoard" (func $hoard)) (export "grow" (func $grow)) (export "try-grow" (func $try-grow))
    (export "count" (func $count)))
  (export "proofpoint:connector/tests@0.1.0" (instance $tests))
  (instance $writes
    (export "ticket-add-tag" (func $trap)) (export "ticket-assign-owner" (func $spin))
    (export "ticket-get" (func $trap)))
  (export "proofpoint:connector/tickets@0.1.0" (instance $writes)))
